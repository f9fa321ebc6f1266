/* What SQLite itself can do: the rows of one submission in one durable transaction, as often as asked, on one connection.
 * No network, no token, no check, no reading back, no foreign key and no index but the primary keys.
 *
 *     sqlite FILE TRANSACTIONS        prints transactions a second
 */
#include "common.h"

static sqlite3_stmt *prepare(const char *text) {
    sqlite3_stmt *statement;
    must(sqlite3_prepare_v3(db, text, -1, SQLITE_PREPARE_PERSISTENT, &statement, 0), SQLITE_OK, text);
    return statement;
}

/* Parameters: 1 the region, 2 an identifier, 3 a number within it, all the others a text. */
static void insert(sqlite3_stmt *statement, unsigned long long number, int line, const char *text) {
    unsigned char region[16], id[16];
    identify(region, 1);
    identify(id, number);
    sqlite3_bind_blob(statement, 1, region, 16, SQLITE_TRANSIENT);
    sqlite3_bind_blob(statement, 2, id, 16, SQLITE_TRANSIENT);
    sqlite3_bind_int(statement, 3, line);
    sqlite3_bind_text(statement, 4, text, -1, SQLITE_STATIC);
    must(sqlite3_step(statement), SQLITE_DONE, "insert");
    sqlite3_reset(statement);
}

int main(int count, char **words) {
    if (count != 3) return 64;
    unsigned long long wanted = strtoull(words[2], 0, 10);
    must(sqlite3_open(words[1], &db), SQLITE_OK, words[1]);
    run("PRAGMA journal_mode = WAL");
    run("PRAGMA synchronous = FULL");
    const char *tables[] = {"returns", "revisions", "figures", "audit", "audit_personal", "requests"};
    /* As long as what the server writes there. */
    const char *texts[] = {
        "submitted 1 1 0123456789abcdef 0123456789abcdef",
        "full. Counted by the month and checked with the police. 0123456789abcdef 2026-01-05T10:00:00.000000Z",
        "reported 1234 2021-10-01 2021-12-31 0123456789abcdef 0123456789abcdef",
        "2026-01-05T10:00:00.000000Z create return {\"cycle\":\"00000000-0000-0000-0000-000000000000\","
        "\"partnership\":\"00000000-0000-0000-0000-000000000000\",\"state\":\"submitted\",\"revision\":1} 0123456789abcdef0123456789abcdef",
        "127.0.0.1 {\"content\":{\"full\":{\"figures\":[{\"indicator\":\"00000000-0000-0000-0000-000000000000\",\"period\":"
        "{\"start\":\"2021-10-01\",\"end\":\"2021-12-31\"},\"answer\":{\"reported\":{\"value\":\"1234\"}},\"provisional\":false,\"note\":null},"
        "{\"indicator\":\"00000000-0000-0000-0000-000000000000\",\"period\":{\"start\":\"2021-10-01\",\"end\":\"2021-12-31\"},\"answer\":"
        "{\"reported\":{\"value\":\"1234\"}},\"provisional\":false,\"note\":null}]}},\"remark\":\"Counted by the month and checked with the police.\"}",
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef 0123456789abcdef 2026-01-05T10:00:00.000000Z",
    };
    sqlite3_stmt *inserts[6];
    for (int table = 0; table < 6; table++) {
        char text[256];
        snprintf(text, sizeof text,
                 "CREATE TABLE IF NOT EXISTS %s (region BLOB, id BLOB, line INTEGER, content TEXT, PRIMARY KEY (region, id, line))",
                 tables[table]);
        run(text);
        snprintf(text, sizeof text, "INSERT INTO %s VALUES (?1, ?2, ?3, ?4)", tables[table]);
        inserts[table] = prepare(text);
    }
    sqlite3_stmt *last = prepare("SELECT COUNT(*) FROM returns");
    must(sqlite3_step(last), SQLITE_ROW, "count");
    unsigned long long first = (unsigned long long)sqlite3_column_int64(last, 0);
    sqlite3_reset(last);
    sqlite3_stmt *begin = prepare("BEGIN IMMEDIATE"), *commit = prepare("COMMIT");

    struct timespec from, to;
    clock_gettime(CLOCK_MONOTONIC, &from);
    for (unsigned long long number = first; number < first + wanted; number++) {
        must(sqlite3_step(begin), SQLITE_DONE, "begin");
        sqlite3_reset(begin);
        for (int table = 0; table < 6; table++) insert(inserts[table], number, 0, texts[table]);
        insert(inserts[2], number, 1, texts[2]);
        must(sqlite3_step(commit), SQLITE_DONE, "commit");
        sqlite3_reset(commit);
    }
    clock_gettime(CLOCK_MONOTONIC, &to);
    printf("%.1f\n", (double)wanted / seconds(from, to));
    return 0;
}
