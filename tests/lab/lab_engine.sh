# Sourced by `lab`: the Docker engine, private or shared; and, for other ways to reach an engine, one more.
# shellcheck shell=bash

readonly engine_start_seconds=60
readonly engine_stop_seconds=20
# The firewall as it was before the first engine of any lab; there is one for each network namespace.
firewall_record=/run/halcyon_lab.firewall.$(stat --dereference --format=%i /proc/self/ns/net)
readonly firewall_record

# Which engine the functions below mean: its directory beneath DIR, and its process's name.
engine_part=engine

# with_engine PART COMMAND...: with another one.
with_engine() {
  local engine_part=$1
  shift
  "$@"
}

engine_socket() { echo "$dir/$engine_part/docker.sock"; }
engine_api() { curl --silent --fail --max-time 60 --unix-socket "$(engine_socket)" -X "$1" "http://engine$2"; }
engine_answers() { [[ -S $(engine_socket) ]] && engine_api GET /_ping >/dev/null 2>&1; }
engine_answers_or_died() { engine_answers || is_gone "$engine_part"; }

# Whether an engine answers at the address that the docker CLI would use; prints the address.
find_shared_engine() {
  local host=${DOCKER_HOST:-unix:///var/run/docker.sock}
  case $host in
    unix://*) curl --silent --fail --max-time 5 --unix-socket "${host#unix://}" http://engine/_ping >/dev/null 2>&1 ;;
    tcp://*) curl --silent --fail --max-time 5 "http://${host#tcp://}/_ping" >/dev/null 2>&1 ;;
    *) false ;;
  esac && echo "$host"
}

# Pids of the engines in this network; not of those that are dead and only wait for their parent.
living_engines() {
  local pid
  for pid in $(pgrep -x dockerd); do
    [[ $(readlink "/proc/$pid/ns/net") == "$(readlink /proc/self/ns/net)" ]] || continue
    if [[ -n $(tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline") ]]; then echo "$pid"; fi
  done
}

# Engines that no lab started: one that starts removes the iptables chains of all others.
is_foreign_engine_running() {
  local pid owner
  for pid in $(living_engines); do
    owner=$(tr '\0' '\n' <"/proc/$pid/cmdline" | sed -n 's|^--config-file=\(.*\)/[a-z]*/daemon.json$|\1|p')
    [[ -n $owner && -e $owner/.halcyon_lab ]] || return 0
  done
  return 1
}

record_firewall() {
  if [[ -e $firewall_record || -n $(living_engines) ]] || iptables -nL DOCKER >/dev/null 2>&1; then
    return
  fi
  {
    echo "forward_policy=$(iptables -S FORWARD | sed -n 's/^-P FORWARD //p')"
    echo "ip_forward=$(cat /proc/sys/net/ipv4/ip_forward)"
  } >"$firewall_record"
}

# After the last engine: the chains that it leaves behind, and what it changed for all of the machine.
restore_firewall() {
  if [[ ! -e $firewall_record || -n $(living_engines) ]]; then return; fi
  local forward_policy=ACCEPT ip_forward=1 table rule
  # shellcheck disable=SC1090
  source "$firewall_record"
  for table in filter nat; do
    while read -r rule; do
      # shellcheck disable=SC2086
      iptables -t "$table" -D ${rule#-A } 2>/dev/null || true
    done < <(iptables -t "$table" -S | grep -E '^-A .* -j DOCKER(-USER|-INGRESS|-ISOLATION-STAGE-[12])?$')
    for chain in DOCKER DOCKER-USER DOCKER-INGRESS DOCKER-ISOLATION-STAGE-1 DOCKER-ISOLATION-STAGE-2; do
      iptables -t "$table" -F "$chain" 2>/dev/null || true
    done
    for chain in DOCKER DOCKER-USER DOCKER-INGRESS DOCKER-ISOLATION-STAGE-1 DOCKER-ISOLATION-STAGE-2; do
      iptables -t "$table" -X "$chain" 2>/dev/null || true
    done
  done
  iptables -P FORWARD "$forward_policy"
  echo "$ip_forward" >/proc/sys/net/ipv4/ip_forward
  rm -f "$firewall_record"
}

# A containerd dies with the dockerd that started it, but a little later; the next dockerd would take the
# one that is about to die for a living one, and wait for it in vain.
wait_for_old_containerd() {
  local pid_file=$dir/$engine_part/exec/containerd/containerd.pid pid
  pid=$(cat "$pid_file" 2>/dev/null) || return 0
  if ! wait_until 5 is_no_process_of_lab "$pid"; then kill -KILL "$pid" 2>/dev/null || true; fi
  rm -f "$pid_file"
}
is_no_process_of_lab() { ! is_process_of_lab "$1"; }

# Every path is inside DIR; no docker0, because that belongs to the engine that the machine may have; no
# /etc/docker/daemon.json, because it is somebody else's; an own namespace, because dockerd joins a
# containerd that serves the machine when it finds one.
spawn_engine() {
  local flags=() home=$dir/$engine_part namespace=$containerd_namespace
  [[ $engine_part == engine ]] || namespace+=-$engine_part
  mkdir -p "$home"
  [[ -e $home/daemon.json ]] || echo '{}' >"$home/daemon.json"
  [[ -e $home/flags ]] || echo "${LAB_DOCKERD_FLAGS:-}" >"$home/flags"
  read -ra flags <"$home/flags" || true
  if is_foreign_engine_running; then
    say "another engine runs on this machine: its iptables rules are left alone (--iptables=false)"
    [[ " ${flags[*]} " == *' --iptables=false '* ]] || flags=(--iptables=false "${flags[@]}")
  else
    record_firewall
  fi
  wait_for_old_containerd
  rm -f "$home/docker.pid"
  spawn "$engine_part" dockerd --config-file="$home/daemon.json" --host="unix://$(engine_socket)" \
    --data-root="$home/data" --exec-root="$home/exec" --pidfile="$home/docker.pid" \
    --bridge=none --containerd-namespace="$namespace" \
    --containerd-plugins-namespace="$namespace-plugins" --shutdown-timeout=5 "${flags[@]}"
}

wait_for_engine() {
  if wait_until "$engine_start_seconds" engine_answers_or_died && engine_answers; then
    touch "$dir/$engine_part/has_answered"
    return
  fi
  tail -n 15 "$dir/log/$engine_part.log" >&2
  return 1
}

# Ids in a list of the API; enough JSON for that, and jq is not everywhere.
listed_ids() { grep -o '"Id":"[0-9a-z]*"' | cut -d '"' -f 4; }

# Networks are removed by the engine itself while it can: it alone knows which bridges and rules are its own.
empty_engine() {
  local id
  engine_api GET '/containers/json?all=1' | listed_ids | while read -r id; do
    engine_api DELETE "/containers/$id?force=1&v=1" >/dev/null 2>&1 &
  done || true
  wait_until 30 has_no_container || say "some containers could not be removed"
  engine_api POST '/swarm/leave?force=1' >/dev/null 2>&1 || true
  engine_api GET '/networks?filters=%7B%22type%22%3A%5B%22custom%22%5D%7D' | listed_ids | while read -r id; do
    engine_api DELETE "/networks/$id" >/dev/null 2>&1 || say "network $id could not be removed"
  done || true
}
has_no_container() { [[ $(engine_api GET '/containers/json?all=1') == '[]' ]]; }

stop_engine() {
  [[ -d $dir/$engine_part ]] || return 0
  if ! engine_answers && [[ -e $dir/$engine_part/has_answered ]]; then
    # It crashed or a test killed it: what it left running, and its bridges, only an engine can tidy up.
    stop_process "$engine_part" "$engine_stop_seconds"
    say "the engine does not answer; started once more to remove what it left"
    sed -i 's/--live-restore//' "$dir/$engine_part/flags" 2>/dev/null || true
    spawn_engine
    wait_for_engine || say "the engine cannot be started; bridges and rules may stay behind"
  fi
  if engine_answers; then empty_engine; fi
  stop_process "$engine_part" "$engine_stop_seconds"
}

# Shims and a containerd whose engine is gone: their command line names our directory or our namespace.
kill_leftovers() {
  local pid
  for pid in $(pgrep dockerd) $(pgrep docker-proxy) $(pgrep containerd); do
    if is_process_of_lab "$pid"; then kill -KILL "$pid" 2>/dev/null || true; fi
  done
}
