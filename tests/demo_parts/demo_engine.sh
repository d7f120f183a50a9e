# Sourced by `demo`: what it asks of the Docker engine besides halcyon itself. curl, for a machine that has an
# engine need not have the docker command.
# shellcheck shell=bash disable=SC2154,SC2034 # app, dir, build ... are of `demo`

# engine_api HOST METHOD PATH: HOST as in DOCKER_HOST.
engine_api() {
  local to=(--silent --show-error --fail --max-time 60 -X "$2")
  case $1 in
    unix://*) curl "${to[@]}" --unix-socket "${1#unix://}" "http://engine$3" ;;
    *) curl "${to[@]}" "http://${1#tcp://}$3" ;;
  esac
}

# {"label":["halcyon.app=demo-shop"]}, percent-encoded: nothing but this demo's own.
own_only() { echo "filters=%7B%22label%22%3A%5B%22halcyon.app%3D$app%22%5D%7D"; }

# Values of one key in a list of the API; enough JSON for that, and jq is not everywhere.
listed() { grep -o "\"$1\":\"[^\"]*\"" | cut -d '"' -f 4; }

own_containers() { engine_api "$1" GET "/containers/json?all=1&$(own_only)" | grep -o '"Id":"[0-9a-f]*","Names"' | listed Id || true; }

# The containers' whole logs, stopped ones too: `halcyon logs` shows those that serve.
save_logs() {
  local id
  mkdir -p "$2"
  for id in $(own_containers "$1"); do
    engine_api "$1" GET "/containers/$id/logs?stdout=1&stderr=1" >"$2/$id.log"
  done
}

# What this demo made on an engine that was there before it: containers, networks, volumes, images.
remove_from_engine() {
  local id
  for id in $(own_containers "$1"); do
    engine_api "$1" DELETE "/containers/$id?force=1&v=1" >/dev/null || return 1
  done
  for id in $(engine_api "$1" GET "/networks?$(own_only)" | listed Id); do
    engine_api "$1" DELETE "/networks/$id" >/dev/null || return 1
  done
  for id in $(engine_api "$1" GET "/volumes?$(own_only)" | listed Name); do
    engine_api "$1" DELETE "/volumes/$id" >/dev/null || return 1
  done
  [[ -e $dir/images ]] || return 0
  # By name: the engine's build cache may have given the same image to somebody else's tag. Gone already is no fault.
  while read -r id; do engine_api "$1" DELETE "/images/$id" >/dev/null 2>&1 || true; done <"$dir/images"
}
