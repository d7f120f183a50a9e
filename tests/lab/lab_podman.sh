# Sourced by `lab`: Podman's Docker-compatible service, for `start --podman`. Its containers, images, volumes and
# networks are in DIR/podman; nothing of the machine's own Podman is read but its signature policy.
# shellcheck shell=bash

podman_socket() { echo "$dir/podman/podman.sock"; }
podman_api() { curl --silent --fail --max-time 60 --unix-socket "$(podman_socket)" -X "$1" "http://podman$2"; }
podman_answers() { [[ -S $(podman_socket) ]] && podman_api GET /_ping >/dev/null 2>&1; }
podman_answers_or_died() { podman_answers || is_gone podman; }

# Podman gives its containers a million files and processes, which may be more than we may ourselves; and it takes its
# own processes down to the kernel's largest pid.
our_limits() {
  local files processes largest_pid
  files=$(ulimit -Hn) processes=$(ulimit -Hu) largest_pid=$(cat /proc/sys/kernel/pid_max)
  if [[ $files == unlimited ]]; then files=1048576; fi
  if [[ $processes == unlimited ]] || ((processes > largest_pid)); then processes=$largest_pid; fi
  echo "\"nofile=$files:$files\", \"nproc=$processes:$processes\""
}

# cgroupfs and the event file work with and without systemd. CNI, the other network backend, gives nobody a fixed
# address outside the range that a network's dynamic ones are taken from.
write_podman_conf() {
  mkdir -p "$dir/podman/networks" "$dir/podman/volumes" "$dir/podman/tmp"
  cat >"$dir/podman/containers.conf" <<CONF
[containers]
log_driver = "k8s-file"
default_ulimits = [$(our_limits)]
[network]
network_backend = "netavark"
network_config_dir = "$dir/podman/networks"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
tmp_dir = "$dir/podman/tmp"
volume_path = "$dir/podman/volumes"
CONF
  # Any port of it: Docker takes loopback for insecure by itself, Podman does not.
  printf '[[registry]]\nlocation = "127.0.0.1"\ninsecure = true\n' >"$dir/podman/registries.conf"
}

podman_environment() {
  echo "CONTAINERS_CONF=$dir/podman/containers.conf" "CONTAINERS_REGISTRIES_CONF=$dir/podman/registries.conf" \
    "REGISTRY_AUTH_FILE=$dir/podman/auth.json"
}
lab_podman() {
  # shellcheck disable=SC2046
  env $(podman_environment) podman --root "$dir/podman/root" --runroot "$dir/podman/run" "$@"
}

spawn_podman() {
  if [[ -n $(netavark_chains) ]]; then touch "$dir/.had_netavark_chains"; fi
  write_podman_conf
  # shellcheck disable=SC2046
  spawn podman env $(podman_environment) podman --root "$dir/podman/root" --runroot "$dir/podman/run" \
    system service --time 0 "unix://$(podman_socket)"
}

wait_for_podman() {
  if wait_until 30 podman_answers_or_died && podman_answers; then return; fi
  tail -n 15 "$dir/log/podman.log" >&2
  return 1
}

# TABLE CHAIN of every chain that its networks have made in the firewall.
netavark_chains() {
  local table
  for table in filter nat; do
    iptables -t "$table" -S | sed -n "s/^-N \(NETAVARK[^ ]*\)$/$table \1/p"
  done
}

# Chains that it leaves behind, once nobody's container is in them (each network has one of its own then).
remove_netavark_chains() {
  local table chain rule
  [[ ! -e $dir/.had_netavark_chains ]] || return 0
  ! netavark_chains | grep -qvE 'NETAVARK_FORWARD$|NETAVARK-HOSTPORT-(DNAT|MASQ|SETMARK)$' || return 0
  netavark_chains | while read -r table chain; do
    iptables -t "$table" -S | grep -E -- "^-A .* -j $chain\$" | grep -v '^-A NETAVARK' | while read -r rule; do
      # A comment of several words stands in quotation marks, which xargs takes off.
      xargs iptables -t "$table" -D <<<"${rule#-A }" 2>/dev/null || true
    done || true
    iptables -t "$table" -F "$chain" 2>/dev/null || true
  done
  netavark_chains | while read -r table chain; do iptables -t "$table" -X "$chain" 2>/dev/null || true; done
}

# Containers outlive the service; the program itself removes them, whether the service answers or not.
stop_podman() {
  [[ -d $dir/podman ]] || return 0
  stop_process podman 10
  lab_podman rm --all --force --time 0 >/dev/null 2>&1 || say "some of Podman's containers could not be removed"
  lab_podman network prune --force >/dev/null 2>&1 || say "some of Podman's networks could not be removed"
  remove_netavark_chains
}
