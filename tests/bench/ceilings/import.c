/* What SQLite itself can do: the rows of an import in one durable transaction, on one connection, one prepared statement.
 * No network, no check, no look at what is there already, no foreign key and no index but the primary key.
 *
 *     import FILE ROWS        prints rows a second
 */
#include "common.h"

int main(int count, char **words) {
    if (count != 3) return 64;
    unsigned long long wanted = strtoull(words[2], 0, 10);
    must(sqlite3_open(words[1], &db), SQLITE_OK, words[1]);
    run("PRAGMA journal_mode = WAL");
    run("PRAGMA synchronous = FULL");
    run("CREATE TABLE IF NOT EXISTS history (region BLOB, partnership BLOB, indicator BLOB, period_start TEXT, period_end TEXT, "
        "import BLOB, value TEXT, PRIMARY KEY (region, partnership, indicator, period_start, period_end, import)) WITHOUT ROWID");
    sqlite3_stmt *last, *insert;
    must(sqlite3_prepare_v2(db, "SELECT COUNT(DISTINCT import) FROM history", -1, &last, 0), SQLITE_OK, "prepare");
    must(sqlite3_step(last), SQLITE_ROW, "count");
    unsigned long long import = (unsigned long long)sqlite3_column_int64(last, 0) + 1;
    sqlite3_finalize(last);
    must(sqlite3_prepare_v2(db, "INSERT INTO history VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", -1, &insert, 0), SQLITE_OK, "prepare");

    struct timespec from, to;
    clock_gettime(CLOCK_MONOTONIC, &from);
    run("BEGIN IMMEDIATE");
    unsigned char region[16], partnership[16], indicator[16], id[16];
    /* A region of its own for each import, as the benchmark's have. */
    identify(region, import);
    identify(id, import);
    for (unsigned long long number = 0; number < wanted; number++) {
        char start[16], end[16], value[16];
        /* Months of a measure, measures of a partnership, as a file has them. */
        unsigned long long month = number % 132, series = number / 132;
        identify(partnership, series / 12);
        identify(indicator, series % 12);
        snprintf(start, sizeof start, "%04llu-%02llu-01", 2011 + month / 12, month % 12 + 1);
        snprintf(end, sizeof end, "%04llu-%02llu-28", 2011 + month / 12, month % 12 + 1);
        snprintf(value, sizeof value, "%llu", 100 + number % 900);
        sqlite3_bind_blob(insert, 1, region, 16, SQLITE_STATIC);
        sqlite3_bind_blob(insert, 2, partnership, 16, SQLITE_STATIC);
        sqlite3_bind_blob(insert, 3, indicator, 16, SQLITE_STATIC);
        sqlite3_bind_text(insert, 4, start, -1, SQLITE_STATIC);
        sqlite3_bind_text(insert, 5, end, -1, SQLITE_STATIC);
        sqlite3_bind_blob(insert, 6, id, 16, SQLITE_STATIC);
        sqlite3_bind_text(insert, 7, value, -1, SQLITE_STATIC);
        must(sqlite3_step(insert), SQLITE_DONE, "insert");
        sqlite3_reset(insert);
    }
    run("COMMIT");
    clock_gettime(CLOCK_MONOTONIC, &to);
    printf("%.1f\n", (double)wanted / seconds(from, to));
    return 0;
}
