# A PostgreSQL server for the benchmark, for as long as somebody holds this script's standard input open: it ends with the
# process that started it. With its defaults, above all fsync and synchronous_commit on; it keeps what it says it keeps.
#
# $1: the folder of the server's programs. $2: where its data may go. Says where its socket is, once it answers.
set -u
programs=$1
umask 077
home=$(mktemp -d "$2/csp-bench-postgres.XXXXXX") || exit 1
trap 'rm -rf "$home"' EXIT
trap '' INT HUP TERM
cd "$home" || exit 1

fail() {
    echo "$1"
    tail -n 20 "$home/log"
    exit 1
}

"$programs/initdb" --pgdata "$home/data" --username csp_super --auth trust --encoding UTF8 --locale C >"$home/log" 2>&1 </dev/null ||
    fail 'initdb failed'
# Only a socket, in a folder that nobody else may enter; and room for a client for each request in flight.
"$programs/pg_ctl" --pgdata "$home/data" --log "$home/log" --silent --wait --timeout 60 start \
    -o "-k $home -c listen_addresses= -c max_connections=200" >/dev/null 2>&1 </dev/null || fail 'the server did not start'

echo "ready $home"
exec >/dev/null 2>&1
cat
"$programs/pg_ctl" --pgdata "$home/data" --silent --mode immediate --wait --timeout 30 stop </dev/null
