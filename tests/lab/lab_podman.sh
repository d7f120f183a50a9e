# Sourced by `lab`: Podman's Docker-compatible service, for `start --podman`. Its containers, images, volumes and
# networks are in DIR/podman; nothing of the machine's own Podman is read but its signature policy.
# shellcheck shell=bash

podman_socket() { echo "$dir/podman/podman.sock"; }
podman_api() { curl --silent --fail --max-time 60 --unix-socket "$(podman_socket)" -X "$1" "http://podman$2"; }
podman_answers() { [[ -S $(podman_socket) ]] && podman_api GET /_ping >/dev/null 2>&1; }
podman_answers_or_died() { podman_answers || is_gone podman; }

# cgroupfs and the event file work with and without systemd. CNI, because Debian 12 has it and no netavark by default.
write_podman_conf() {
  mkdir -p "$dir/podman/networks" "$dir/podman/volumes" "$dir/podman/tmp"
  cat >"$dir/podman/containers.conf" <<CONF
[containers]
log_driver = "k8s-file"
[network]
network_backend = "cni"
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
  if has_cni_chains; then touch "$dir/.had_cni_chains"; fi
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

has_cni_chains() { iptables -nL CNI-FORWARD >/dev/null 2>&1; }

# What its networks leave in the firewall, once nobody's container is in it.
remove_cni_chains() {
  if [[ -e $dir/.had_cni_chains ]] || ! has_cni_chains; then return; fi
  if iptables -S CNI-FORWARD | grep '^-A' | grep -qv -- '-j CNI-ADMIN$'; then return; fi
  while read -r rule; do
    # shellcheck disable=SC2086
    iptables -D ${rule#-A } 2>/dev/null || true
  done < <(iptables -S FORWARD | grep -E '^-A .* -j CNI-FORWARD$')
  for chain in CNI-FORWARD CNI-ADMIN; do
    iptables -F "$chain" 2>/dev/null || true
    iptables -X "$chain" 2>/dev/null || true
  done
}

# Containers outlive the service; the program itself removes them, whether the service answers or not.
stop_podman() {
  [[ -d $dir/podman ]] || return 0
  stop_process podman 10
  lab_podman rm --all --force --time 0 >/dev/null 2>&1 || say "some of Podman's containers could not be removed"
  lab_podman network prune --force >/dev/null 2>&1 || say "some of Podman's networks could not be removed"
  remove_cni_chains
}
