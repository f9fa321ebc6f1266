/* What both programs that speak to SQLite begin with. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static sqlite3 *db;

static void must(int code, int wanted, const char *what) {
    if (code != wanted) {
        fprintf(stderr, "%s: %s\n", what, sqlite3_errmsg(db));
        exit(1);
    }
}

static void run(const char *text) { must(sqlite3_exec(db, text, 0, 0, 0), SQLITE_OK, text); }

/* Sixteen bytes that ascend, as time-ordered identifiers do. */
static void identify(unsigned char *id, unsigned long long number) {
    memset(id, 7, 16);
    for (int byte = 0; byte < 8; byte++) id[byte] = (unsigned char)(number >> (56 - 8 * byte));
}

static double seconds(struct timespec from, struct timespec to) {
    return (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
}
