# Sourced by `lab`: other ways to reach a real engine than its unix socket, for `start --transports`.
#   mutual TLS   the private engine itself listens; certificates by openssl in DIR/certs
#   plain TCP    an engine of its own, DIR/tcp: an engine's TLS flags hold for all of its TCP listeners
#   ssh          an sshd of ours on loopback, DIR/ssh, and an ssh that knows it, DIR/ssh/bin/ssh
# shellcheck shell=bash

readonly plain_engine=tcp

# make_certificate DIR NAME SUBJECT EXTENSIONS: signed by DIR/ca.pem, as DIR/NAMEcert.pem and DIR/NAMEkey.pem.
make_certificate() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj "/CN=$3" \
    -CA "$1/ca.pem" -CAkey "$1/ca-key.pem" -addext "$4" -addext basicConstraints=critical,CA:FALSE \
    -out "$1/$2cert.pem" -keyout "$1/$2key.pem"
}

make_authority() {
  mkdir -p "$1"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj "/CN=$2" \
    -addext keyUsage=critical,keyCertSign -out "$1/ca.pem" -keyout "$1/ca-key.pem"
}

# DIR/certs is what DOCKER_CERT_PATH takes: ca.pem, cert.pem, key.pem. DIR/certs/stranger is the same by an authority
# that the engine does not know.
make_certificates() {
  local certs=$dir/certs
  {
    make_authority "$certs" 'halcyon lab'
    make_certificate "$certs" server- 'lab engine' 'subjectAltName=IP:127.0.0.1,DNS:localhost'
    make_certificate "$certs" '' 'lab client' extendedKeyUsage=clientAuth
    make_authority "$certs/stranger" 'nobody'
    make_certificate "$certs/stranger" '' 'lab client' extendedKeyUsage=clientAuth
  } >"$dir/log/openssl.log" 2>&1 || die "openssl could not make certificates; see $dir/log/openssl.log"
}

# Before the engine is started for the first time: it keeps its flags.
let_engine_listen_with_tls() {
  local certs=$dir/certs
  tls_port=$(free_port)
  make_certificates
  mkdir -p "$dir/engine"
  echo "${LAB_DOCKERD_FLAGS:-} --host=tcp://127.0.0.1:$tls_port --tlsverify --tlscacert=$certs/ca.pem" \
    "--tlscert=$certs/server-cert.pem --tlskey=$certs/server-key.pem" >"$dir/engine/flags"
}

# It shares the machine with the other engine, whose rules it must leave alone.
spawn_plain_engine() {
  plain_port=$(free_port)
  mkdir -p "$dir/$plain_engine"
  echo "--host=tcp://127.0.0.1:$plain_port --tls=false --iptables=false --ip-forward=false" >"$dir/$plain_engine/flags"
  with_engine "$plain_engine" spawn_engine
}

# A locked account may come in with a key only if PAM is asked, and PAM does more than that.
pam_is_needed() { [[ $(getent shadow root | cut -d : -f 2) == '!'* ]] && echo yes || echo no; }

# The root of the machine logs in, with a key that is made here; its own ~/.ssh plays no part.
write_sshd_conf() {
  cat >"$dir/ssh/sshd_config" <<SSHD
ListenAddress 127.0.0.1:$ssh_port
HostKey $dir/ssh/host_key
PidFile none
AuthorizedKeysFile $dir/ssh/authorized_keys
# DIR may be beneath /tmp, where everybody may write.
StrictModes no
AllowUsers root
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM $(pam_is_needed)
DisableForwarding yes
PrintMotd no
SSHD
}

write_ssh_program() {
  mkdir -p "$dir/ssh/bin"
  cat >"$dir/ssh/config" <<SSH
Host *
  IdentityFile $dir/ssh/user_key
  IdentitiesOnly yes
  IdentityAgent none
  UserKnownHostsFile $dir/ssh/known_hosts
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
  BatchMode yes
  LogLevel ERROR
SSH
  printf '#!/bin/sh\nexec %s -F %s/ssh/config "$@"\n' "$(command -v ssh)" "$dir" >"$dir/ssh/bin/ssh"
  chmod 0755 "$dir/ssh/bin/ssh"
}

ssh_answers() { is_running sshd && [[ -n $(ss -Hltn "sport = :$ssh_port") ]]; }
ssh_answers_or_died() { ssh_answers || is_gone sshd; }

start_sshd() {
  local attempt
  mkdir -p "$dir/ssh" /run/sshd
  ssh-keygen -q -t ed25519 -N '' -C 'halcyon lab host' -f "$dir/ssh/host_key"
  ssh-keygen -q -t ed25519 -N '' -C 'halcyon lab user' -f "$dir/ssh/user_key"
  cp "$dir/ssh/user_key.pub" "$dir/ssh/authorized_keys"
  write_ssh_program
  for ((attempt = 1; attempt <= port_attempts; ++attempt)); do
    ssh_port=$(free_port)
    write_sshd_conf
    echo "[127.0.0.1]:$ssh_port $(cut -d ' ' -f 1,2 "$dir/ssh/host_key.pub")" >"$dir/ssh/known_hosts"
    spawn sshd "$(sshd_program)" -D -e -f "$dir/ssh/sshd_config"
    if wait_until 10 ssh_answers_or_died && ssh_answers; then return; fi
    stop_process sshd 2
  done
  tail -n 15 "$dir/log/sshd.log" >&2
  return 1
}
# It wants to be called by its absolute path, and is not on everybody's PATH.
sshd_program() { PATH=$PATH:/usr/sbin command -v sshd; }

write_transports_env() {
  cat <<ENV
LAB_CERTS=$dir/certs
LAB_ENGINE_TLS=tcp://127.0.0.1:$tls_port
LAB_ENGINE_TCP=tcp://127.0.0.1:$plain_port
LAB_ENGINE_SSH=ssh://root@127.0.0.1:$ssh_port$(engine_socket)
LAB_SSH_BIN=$dir/ssh/bin
ENV
}
