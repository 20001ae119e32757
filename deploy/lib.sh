# shellcheck shell=bash
# What deploy/run and deploy/test share: saying what happens, Debian packages, building. Sourced, never run.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

say() { printf '%s: %s\n' "$(basename "$0")" "$*"; }
fail() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; exit 1; }
usage_error() { printf '%s: %s; see --help\n' "$(basename "$0")" "$*" >&2; exit 2; }

# The packages that building, testing and running need, one a line.
wanted_packages() {
  local version=
  [[ -r /etc/os-release ]] && version=$(. /etc/os-release && echo "${ID:-} ${VERSION_ID:-}")
  printf '%s\n' \
    g++ cmake ninja-build ccache pkg-config clang-format git python3 ffmpeg fonts-dejavu-core procps util-linux \
    libavformat-dev libavcodec-dev libavfilter-dev libavutil-dev libswscale-dev libswresample-dev \
    libgtest-dev libgmock-dev librocksdb-dev libpistache-dev nlohmann-json3-dev libspdlog-dev libfmt-dev \
    libcli11-dev libssl-dev libcurl4-openssl-dev prometheus-cpp-dev \
    libffmpeg-nvenc-dev libva-dev
  # Debian 12's libboost-dev is 1.74, whose Beast is too old; from 13 on the plain name is new enough.
  case $version in
    'debian 12') echo libboost1.81-dev ;;
    *) echo libboost-dev ;;
  esac
}

missing_packages() {
  local package
  while read -r package; do
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || echo "$package"
  done < <(wanted_packages)
}

# Installs what is missing and says so. Needs root or sudo only when something is missing.
install_packages() {
  command -v dpkg-query >/dev/null && command -v apt-get >/dev/null ||
    fail 'this machine has no apt-get: Millrace installs itself on Debian 12 and 13 only'
  local missing as_root=() log
  mapfile -t missing < <(missing_packages)
  [[ ${#missing[@]} -gt 0 ]] || return 0
  if [[ $(id -u) -ne 0 ]]; then
    command -v sudo >/dev/null || fail "missing packages: ${missing[*]}; run this as root once, or install sudo"
    as_root=(sudo)
  fi
  say "installing ${#missing[@]} Debian packages: ${missing[*]}"
  log=$(mktemp)
  local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300)
  if ! "${apt[@]}" update >"$log" 2>&1 ||
     ! "${apt[@]}" install --no-install-recommends "${missing[@]}" >>"$log" 2>&1; then
    tail -n 30 "$log" >&2
    fail "apt-get could not install the packages; its whole output is in $log"
  fi
  rm -f "$log"
}

# How many compilers at once: the cores, but no more than one for each 1.5 GiB of free memory.
build_jobs() {
  local cores memory
  cores=$(nproc)
  memory=$(awk '/^MemAvailable:/ {print int($2 / 1572864)}' /proc/meminfo 2>/dev/null)
  [[ ${memory:-0} -ge 1 ]] || memory=1
  echo $((cores < memory ? cores : memory))
}

# build_preset PRESET [TARGET...]: configures and builds; on failure shows what the compiler said.
build_preset() {
  local preset=$1 log
  shift
  local targets=()
  [[ $# -gt 0 ]] && targets=(--target "$@")
  log=$(mktemp)
  say "building (preset $preset, $(build_jobs) at a time)"
  if ! (cd "$root" && cmake --preset "$preset" && cmake --build --preset "$preset" -j "$(build_jobs)" "${targets[@]}") \
      >"$log" 2>&1; then
    tail -n 60 "$log" >&2
    fail "the build failed; its whole output is in $log"
  fi
  rm -f "$log"
}

# source_files: every file of the working tree that git does not ignore, NUL between them.
source_files() {
  (cd "$root" && { git ls-files -z -co --exclude-standard 2>/dev/null ||
    find . -path ./.git -prune -o -path './build*' -prune -o -path ./var -prune -o -type f -print0; } | sort -zu)
}

# source_state: one hash over every source file's name, mode and content.
source_state() {
  local file files=()
  while IFS= read -r -d '' file; do
    [[ -f $root/$file ]] && files+=("$file")
  done < <(source_files)
  (cd "$root" && { printf '%s\0' "${files[@]}" | xargs -0 stat -c '%a %n' &&
    printf '%s\0' "${files[@]}" | xargs -0 sha256sum; } | sha256sum | cut -d' ' -f1)
}
