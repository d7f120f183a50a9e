# Sourced by `lab`: starting processes that outlive the script, waiting for them, and stopping by a
# recorded pid only what is proven to be ours.
# shellcheck shell=bash

say() { echo "lab: $*"; }
die() {
  echo "lab: $*" >&2
  exit 1
}

# wait_until SECONDS COMMAND...: polls the real thing; false when the time is over.
wait_until() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    ((SECONDS < deadline)) || return 1
    sleep 0.03
  done
}

# What we start must not hold descriptors of our caller: a test that reads our output through a pipe, or
# holds a lock, would otherwise wait for the engine to end. 255 is bash's own, for the script.
close_descriptors_of_caller() {
  local descriptor
  for descriptor in /proc/$BASHPID/fd/*; do
    descriptor=${descriptor##*/}
    if ((descriptor > 2 && descriptor != 255)); then exec {descriptor}>&-; fi
  done
}

# spawn NAME COMMAND...: starts a process in its own session, output to DIR/log/NAME.log, pid in DIR/pids/NAME.
spawn() {
  local name=$1
  shift
  setsid "$@" </dev/null >>"$dir/log/$name.log" 2>&1 &
  echo $! >"$dir/pids/$name"
  disown
}

# The recorded pid of NAME, when that process is still the one we started: its command line names DIR, and
# a process that got a recycled pid does not.
running_pid() {
  local pid
  pid=$(cat "$dir/pids/$1" 2>/dev/null) || return 1
  [[ $pid =~ ^[0-9]+$ ]] && is_process_of_lab "$pid" || return 1
  echo "$pid"
}

is_process_of_lab() {
  local line
  line=$(tr '\0' ' ' 2>/dev/null <"/proc/$1/cmdline") || return 1
  [[ $line == *"$dir/"* ]] && return
  [[ -n ${containerd_namespace:-} && $line =~ " $containerd_namespace"[\ -] ]]
}

is_running() { running_pid "$1" >/dev/null; }
is_gone() { ! is_running "$1"; }

# stop_process NAME SECONDS: SIGTERM, and SIGKILL when the time is over.
stop_process() {
  local pid
  if pid=$(running_pid "$1"); then
    kill -TERM "$pid" 2>/dev/null || true
    if ! wait_until "$2" is_gone "$1"; then
      say "$1 (pid $pid) did not end in $2 s and is killed"
      kill -KILL "$pid" 2>/dev/null || true
      wait_until 5 is_gone "$1" || true
    fi
  fi
  rm -f "$dir/pids/$1"
}

# A port of 127.0.0.1 on which nobody listens, below the range from which the kernel gives ports to clients.
free_port() {
  local port
  while true; do
    port=$((20000 + RANDOM % 10000))
    if [[ -z $(ss -Hltn "sport = :$port") ]]; then
      echo "$port"
      return
    fi
  done
}
