# Sourced by run: makes sure of a PostgreSQL and a Redis, and exports where they are. What runs already on the usual
# ports is used; what is absent is installed from Debian's packages and started on ports of its own.

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

answers() { node -e "
  const socket = require('node:net').connect($1, '127.0.0.1')
  socket.on('connect', () => process.exit(0)).on('error', () => process.exit(1))
  setTimeout(() => process.exit(1), 2000)"; }

postgres_answers() { node -e "
  const { Client } = require('pg')
  const client = new Client({ connectionString: process.argv[1], connectionTimeoutMillis: 2000 })
  client.connect().then(() => client.end(), () => process.exit(1))" "$1" 2>/dev/null; }

own_cluster=''
own_redis=''

ensure_postgres() {
  local usual='postgres://postgres@127.0.0.1:5432/postgres'
  if [ -n "${TEST_DATABASE_URL:-}" ]; then return; fi
  if [ -z "${CI_OWN_SERVICES:-}" ] && postgres_answers "$usual"; then export TEST_DATABASE_URL=$usual; return; fi
  if ! command -v pg_createcluster >/dev/null; then
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq postgresql >/dev/null
  fi
  local version
  version=$(ls /usr/lib/postgresql | sort -n | tail -n 1)
  own_cluster="$version lifecircleci"
  as_root pg_dropcluster --stop $own_cluster 2>/dev/null || true
  as_root pg_createcluster $own_cluster --port 54329 -- --auth=trust >/dev/null
  as_root pg_ctlcluster --skip-systemctl-redirect $own_cluster start
  export TEST_DATABASE_URL='postgres://postgres@127.0.0.1:54329/postgres'
}

ensure_redis() {
  if [ -n "${TEST_REDIS_URL:-}" ]; then return; fi
  if [ -z "${CI_OWN_SERVICES:-}" ] && answers 6379; then export TEST_REDIS_URL='redis://127.0.0.1:6379'; return; fi
  if ! command -v redis-server >/dev/null; then
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq redis-server >/dev/null
  fi
  redis-server --daemonize yes --bind 127.0.0.1 --port 63799 --save '' --appendonly no >/dev/null
  own_redis=63799
  export TEST_REDIS_URL='redis://127.0.0.1:63799'
}

stop_own_services() {
  if [ -n "$own_cluster" ]; then as_root pg_dropcluster --stop $own_cluster || true; fi
  if [ -n "$own_redis" ]; then redis-cli -p "$own_redis" shutdown nosave || true; fi
}
