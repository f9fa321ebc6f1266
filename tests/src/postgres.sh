# A PostgreSQL server for tests, for as long as somebody holds this script's standard input open: when the
# test process ends, however it ends, the pipe closes and the server goes with it.
#
# $1: the folder of the server's programs. $2: settings besides, which beat those below. Says where its socket is, once it answers.
set -u
programs=$1
umask 077
home=$(mktemp -d /tmp/csp-postgres.XXXXXX) || exit 1
trap 'rm -rf "$home"' EXIT
# Ctrl-C is for the tests; the server is stopped by their end.
trap '' INT HUP TERM
cd "$home" || exit 1

fail() {
    echo "$1"
    tail -n 20 "$home/log"
    exit 1
}

"$programs/initdb" --pgdata "$home/data" --username csp_super --auth trust --encoding UTF8 --locale C --no-sync \
    >"$home/log" 2>&1 </dev/null || fail 'initdb failed'

# No port, only the socket in a folder that nobody else may enter. Nothing here needs to survive a power cut.
"$programs/pg_ctl" --pgdata "$home/data" --log "$home/log" --silent --wait --timeout 60 start -o "-k $home -c listen_addresses= \
    -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=300 -c shared_buffers=64MB -c autovacuum=off $2" \
    >/dev/null 2>&1 </dev/null || fail 'the server did not start'

echo "ready $home"
exec >/dev/null 2>&1
cat
"$programs/pg_ctl" --pgdata "$home/data" --silent --mode immediate --wait --timeout 30 stop </dev/null
