# Sourced by `lab`: the registry and nginx.
# shellcheck shell=bash

readonly port_attempts=5

registry_answers() {
  curl --silent --fail --max-time 2 "http://127.0.0.1:$registry_port/v2/" >/dev/null 2>&1
}
registry_answers_or_died() { registry_answers || is_gone registry; }

spawn_registry() {
  registry_port=${1:-$(free_port)}
  mkdir -p "$dir/registry"
  cat >"$dir/registry.yml" <<YAML
version: 0.1
log: {level: warn, accesslog: {disabled: true}}
storage:
  filesystem: {rootdirectory: $dir/registry}
  delete: {enabled: true}
http:
  addr: 127.0.0.1:$registry_port
  secret: halcyon-lab
YAML
  spawn registry docker-registry serve "$dir/registry.yml"
}

# Between finding a free port and listening on it somebody else may take it: then another one is taken.
wait_for_registry() {
  local attempt
  for ((attempt = 1; attempt <= port_attempts; ++attempt)); do
    if wait_until 20 registry_answers_or_died && is_running registry && registry_answers; then return; fi
    stop_process registry 2
    spawn_registry
  done
  tail -n 15 "$dir/log/registry.log" >&2
  return 1
}

# The same images behind a password, for `start --private-registry`: user deploy, password let-me/in+, as htpasswd -B
# writes it.
private_registry_answers() {
  [[ $(curl --silent --max-time 2 -o /dev/null -w '%{http_code}' "http://127.0.0.1:$private_registry_port/v2/") == 401 ]]
}
private_registry_answers_or_died() { private_registry_answers || is_gone private_registry; }

start_private_registry() {
  local attempt
  # shellcheck disable=SC2016
  echo 'deploy:$2b$05$H6XOWQt/co4plM7aRT.Vpe21jllb2PcSkP0c1G5tMMlnx5B2eHVR.' >"$dir/htpasswd"
  for ((attempt = 1; attempt <= port_attempts; ++attempt)); do
    private_registry_port=$(free_port)
    sed "s/^  addr: .*/  addr: 127.0.0.1:$private_registry_port/" "$dir/registry.yml" >"$dir/private_registry.yml"
    printf 'auth:\n  htpasswd: {realm: lab, path: %s}\n' "$dir/htpasswd" >>"$dir/private_registry.yml"
    spawn private_registry docker-registry serve "$dir/private_registry.yml"
    if wait_until 20 private_registry_answers_or_died && private_registry_answers; then return; fi
    stop_process private_registry 2
  done
  tail -n 15 "$dir/log/private_registry.log" >&2
  return 1
}

nginx_user() { if getent passwd www-data >/dev/null; then echo "www-data www-data"; else echo "nobody nogroup"; fi; }

# keepalive_timeout is longer than any client of ours thinks (75 s): a connection that ends because it was
# idle for too long would be counted as lost by a release. All paths are absolute, so that `nginx -t -c` and
# `-s reload -c` need no prefix.
write_nginx_conf() {
  mkdir -p "$dir/nginx/conf.d" "$dir/nginx/logs" "$dir/nginx/temp"
  cat >"$dir/nginx/nginx.conf" <<NGINX
user $(nginx_user);
worker_processes 2;
worker_rlimit_nofile 16384;
pid $dir/nginx/nginx.pid;
lock_file $dir/nginx/nginx.lock;
error_log $dir/nginx/logs/error.log notice;
events {
    worker_connections 4096;
}
http {
    access_log off;
    client_body_temp_path $dir/nginx/temp/body;
    proxy_temp_path $dir/nginx/temp/proxy;
    fastcgi_temp_path $dir/nginx/temp/fastcgi;
    uwsgi_temp_path $dir/nginx/temp/uwsgi;
    scgi_temp_path $dir/nginx/temp/scgi;
    client_max_body_size 64m;
    keepalive_requests 100000;
    keepalive_timeout 120s;
    server_names_hash_bucket_size 128;
    server {
        listen 127.0.0.1:$nginx_port default_server;
        return 404;
    }
    include $dir/nginx/conf.d/*.conf;
}
NGINX
}

nginx_answers() {
  [[ $(curl --silent --max-time 2 -o /dev/null -w '%{http_code}' "http://127.0.0.1:$nginx_port/") != 000 ]]
}

# Its master becomes a daemon by itself and writes its own pid.
run_nginx() {
  nginx -c "$dir/nginx/nginx.conf" </dev/null >>"$dir/log/nginx.log" 2>&1 || return 1
  wait_until 10 test -s "$dir/nginx/nginx.pid" && cp "$dir/nginx/nginx.pid" "$dir/pids/nginx"
}

start_nginx() {
  local attempt
  for ((attempt = 1; attempt <= port_attempts; ++attempt)); do
    nginx_port=$(free_port)
    write_nginx_conf
    if run_nginx && wait_until 10 nginx_answers; then return; fi
    stop_nginx
  done
  tail -n 15 "$dir/log/nginx.log" >&2
  return 1
}

# When a master is killed its workers live on and keep the port. Their command line does not say whose they
# are; the log files that they have open do.
kill_orphaned_workers() {
  local pid
  for pid in $(pgrep -x nginx); do
    if readlink "/proc/$pid/fd/"* 2>/dev/null | grep -qF "$dir/nginx/"; then kill -KILL "$pid" || true; fi
  done
}

stop_nginx() {
  stop_process nginx 10
  kill_orphaned_workers
}
