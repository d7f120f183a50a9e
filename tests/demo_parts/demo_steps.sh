# Sourced by `demo`: one step is a command of halcyon, mostly with clients that use the shop meanwhile.
# shellcheck shell=bash disable=SC2154,SC2034 # app, dir, build ... are of `demo`

load_pid=''

# They never retry, so a request that is lost is seen. 64 keep their connections and think up to 20 ms.
start_load() {
  "$build/tests/lab/load" --url "http://127.0.0.1:$LAB_NGINX_PORT" --host "$domain" --keepalive 64 --think 0-20 \
    --fresh 50 --post 50 --slow 10 --seconds 600 --expect-header "X-Release=$2" --progress \
    --posts "$1/posts" --report "$1/load.json" >/dev/null 2>"$1/load.progress" &
  load_pid=$!
  local tries
  for ((tries = 0; tries < 100; ++tries)); do
    if [[ -s $1/load.progress ]]; then return; fi
    sleep 0.1
  done
  die "the load generator did not start: $(cat "$1/load.progress")"
}

# Its exit code says whether a request failed; demo_report says that better.
end_load() {
  sleep 1
  stop_load
  save_logs "$DOCKER_HOST" "$1/container_logs"
  "$build/tests/lab/load" check-posts --sent "$1/posts" --logged "$1"/container_logs/*.log >"$1/posts.json" || true
}

stop_load() {
  [[ -n $load_pid ]] || return 0
  kill -TERM "$load_pid" 2>/dev/null || true
  wait "$load_pid" 2>/dev/null || true
  load_pid=''
}

# step NUMBER HEADING TITLE EXPECTED RELEASES ARGUMENT...: TITLE is for the table, RELEASES are those that may
# answer meanwhile (empty: without load), the rest is what halcyon is to do.
step() {
  local number=$1 heading=$2 title=$3 expected=$4 releases=$5 at=$dir/steps/$1 status=0
  shift 5
  mkdir -p "$at"
  echo "$number $title" >"$at/title"
  echo "$dir/halcyon $*" >"$at/command"
  echo "$expected" >"$at/expected"
  heading "$number. $heading"
  printf '  $ %s\n' "$dir/halcyon $*"
  if [[ -n $releases ]]; then start_load "$at" "$releases"; fi
  "$dir/halcyon" "$@" >"$at/result.json" 2>"$at/events.jsonl" || status=$?
  echo "$status" >"$at/status"
  if [[ -n $releases ]]; then end_load "$at"; fi
  if ! "$report" step "$at"; then
    failed=1
    say "its documents are in $at"
  fi
}
