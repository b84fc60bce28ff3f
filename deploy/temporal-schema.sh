#!/bin/sh
# Make or update the two databases of the Temporal server. Safe to run again.
set -eu

sql() {
    temporal-sql-tool --plugin postgres12 --ep "$POSTGRES_SEEDS" --port "$DB_PORT" \
        --user "$POSTGRES_USER" --db "$@"
}

for name in temporal visibility; do
    case "$name" in
        temporal) database=temporal ;;
        *) database="temporal_$name" ;;
    esac
    sql "$database" create
    sql "$database" setup-schema -v 0.0
    sql "$database" update-schema -d "/etc/temporal/schema/postgresql/v12/$name/versioned"
done
