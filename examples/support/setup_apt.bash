# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Finds in apt the packages that examples/setup misses, and installs them.

new_enough() { [[ -z ${least[$1]} ]] || dpkg --compare-versions "$2" ge "${least[$1]}"; }

# No cache file is written, so that a query changes nothing.
apt_cache() { apt-cache -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= "$@" 2>/dev/null; }

# Sets requests to the arguments for apt-get, and unoffered to the packages that it would refuse.
requests=() unoffered=()
find_requests() {
  local package key value
  local -A candidate=()
  while read -r key value; do
    case $key in
      *:) if [[ $key != Candidate: ]]; then package=${key%:}; else candidate[$package]=$value; fi ;;
    esac
  done < <(apt_cache policy "${missing[@]}" | grep -E '^[^ ]|^ +Candidate:')
  requests=() unoffered=()
  for package in "${missing[@]}"; do
    value=${candidate[$package]:-(none)}
    if [[ $value != '(none)' ]] && new_enough "$package" "$value"; then
      requests+=("$package")
    elif value=$(backport_of "$package"); then
      requests+=("$package/$value")
    else
      unoffered+=("$package")
    fi
  done
}

# Prints the release that has the package in a version that is new enough: apt never prefers backports by itself.
backport_of() {
  local version where release
  while IFS='|' read -r _ version where; do
    read -r _ release _ <<<"$where"
    if new_enough "$1" "${version// /}"; then
      echo "${release%%/*}"
      return
    fi
  done < <(apt_cache madison "$1")
  return 1
}

apt_has_lists() { compgen -G "/var/lib/apt/lists/*_dists_${codename}_*" >/dev/null; }

# Sets source_file and source_text to an apt source with packages that the configured sources lack, and leaves the others
# in unoffered. Mirror and key are those of the source that has the distribution itself.
source_file='' source_text=''
find_source() {
  local suites components uri='' entry='' key='' release address component line package
  local -a offered=() rest=()
  case $system in
    'debian 12')
      suites=bookworm-backports components=main
      for package in "${unoffered[@]}"; do
        if [[ $package == cmake ]]; then offered+=("$package/$suites"); else rest+=("$package"); fi
      done
      ;;
    'ubuntu 24.04') suites='noble noble-updates' components=universe offered=("${unoffered[@]}") ;;
    *) return 0 ;;
  esac
  # shellcheck disable=SC2016 # apt fills these in
  while read -r release address component line; do
    if [[ " $suites " == *" $release "* && $component == "$components" ]]; then return 0; fi
    if [[ $release == "$codename" && -z $uri ]]; then uri=$address entry=${line%:*}; fi
  done < <(apt-get indextargets --no-release-info --format '$(RELEASE) $(REPO_URI) $(COMPONENT) $(SOURCESENTRY)' \
    'Created-By: Packages')
  if [[ -z $uri || ${#offered[@]} == 0 ]]; then return 0; fi
  requests+=("${offered[@]}") unoffered=("${rest[@]}")
  key=$(grep -ioE 'signed-by[:=] *[^] ]+' "$entry" 2>/dev/null | sed -n '1s/^[^/]*//p') || key=''
  source_file=/etc/apt/sources.list.d/forksafe-${suites%% *}-$components.sources
  source_text="Types: deb"$'\n'"URIs: $uri"$'\n'"Suites: $suites"$'\n'"Components: $components"
  if [[ $key ]]; then source_text+=$'\n'"Signed-By: $key"; fi
}

not_offered() {
  say "setup: no configured package source of $system_name offers ${unoffered[*]}"
  exit 3
}

as_root() {
  if ((EUID == 0)); then "$@"; else sudo -- "$@"; fi
}

can_be_root() {
  ((EUID == 0)) || { command -v sudo >/dev/null && { sudo -n true 2>/dev/null || sudo -v; }; }
}

explain_failure() {
  local cause='' cure=''
  if grep -qE 'Could not get lock|Unable to acquire' "$log"; then
    cause='another program is installing packages' cure='wait until it is done, then run this again'
  elif grep -qE 'Could not resolve|Failed to fetch|Unable to fetch|Could not connect|Connection failed' "$log"; then
    cause='the package mirror could not be reached' cure='check the network and the apt sources, then run this again'
  elif grep -q 'No space left' "$log"; then
    cause='the disk is full' cure='make room, for example by: apt-get clean'
  elif grep -q 'need to be removed' "$log"; then
    cause="it would remove: $(sed -n '/will be REMOVED/,/^The following/ s/^  *//p' "$log" | paste -s -d ' ')"
    cure="if you agree, as root: apt-get install --no-install-recommends ${requests[*]}"
  elif grep -q 'dpkg was interrupted' "$log"; then
    cause='an earlier installation was cut off' cure='run as root: dpkg --configure -a'
  else
    cause='see the lines above' cure="the whole log is $log"
  fi
  tail -n 15 "$log" | sed 's/^/  | /' >&2
  say "setup: failed; cause: $cause" "       cure: $cure"
  exit 1
}

apt_get() {
  as_root env DEBIAN_FRONTEND=noninteractive LC_ALL=C apt-get -q -y -o DPkg::Lock::Timeout=300 "$@" \
    </dev/null >>"$log" 2>&1
}

update_lists() {
  step "reading the package lists (apt's output: $log)"
  apt_get update || explain_failure
  find_requests
  # apt-get update counts an unreachable mirror as a success.
  if ((${#unoffered[@]})) && grep -q 'Failed to fetch' "$log"; then explain_failure; fi
}

# A server that only tests need must not run. Debian and Ubuntu start a server when it is installed, and at each boot.
# While apt works, a policy file (man invoke-rc.d) prevents the start, and another file PostgreSQL's first database; such
# files of the system stay as they are. Afterwards the start at boot is disabled, unless the server was installed before.
policy=/usr/sbin/policy-rc.d no_database=/etc/postgresql-common/createcluster.d/forksafe.conf
temporary=() quiet_units=()
keep_servers_stopped() {
  local unit of
  while read -r of unit; do
    if [[ " ${missing[*]} " != *" $of "* ]] || compgen -G "/etc/systemd/system/*.wants/$unit" >/dev/null; then continue; fi
    quiet_units+=("$unit")
  done <<'END'
postgresql postgresql.service
redis-server redis-server.service
rabbitmq-server rabbitmq-server.service
rabbitmq-server epmd.service
rabbitmq-server epmd.socket
END
  if ((${#quiet_units[@]} == 0)); then return; fi
  step 'servers are installed for tests only: they are neither started now nor at boot, and PostgreSQL gets no database'
  trap remove_temporary EXIT
  if [[ ! -e $policy ]]; then
    temporary+=("$policy")
    as_root install -m 755 /dev/stdin "$policy" <<<$'#!/bin/sh\nexit 101'
  fi
  if [[ ! -e $no_database && " ${missing[*]} " == *' postgresql '* ]]; then
    temporary+=("$no_database")
    as_root install -D -m 644 /dev/stdin "$no_database" <<<'create_main_cluster = false'
  fi
}

remove_temporary() {
  if ((${#temporary[@]})); then as_root rm -f -- "${temporary[@]}"; fi
  temporary=()
  if ((${#quiet_units[@]})) && command -v systemctl >/dev/null; then
    local unit
    for unit in "${quiet_units[@]}"; do as_root systemctl disable --quiet "$unit" >>"$log" 2>&1 || true; done
  fi
  quiet_units=()
}

install_missing() {
  mkdir -p "${log%/*}"
  : >"$log"
  update_lists
  if ((${#unoffered[@]})); then
    local lacking=${unoffered[*]}
    find_source
    if ((${#unoffered[@]})); then not_offered; fi
    step "no configured source offers $lacking in the version needed: adding $source_file"
    as_root tee "$source_file" <<<"$source_text" >/dev/null
    update_lists
    if ((${#unoffered[@]})); then not_offered; fi
  fi
  local packages=(install --no-install-recommends --no-remove "${requests[@]}") size
  apt_get "${packages[@]}" --simulate || explain_failure
  step "downloading ${#requests[@]} packages and what they depend on"
  apt_get "${packages[@]}" --download-only || explain_failure
  size=$(sed -n 's/^Need to get \(.*\) of archives.*/\1/p' "$log" | tail -n 1)
  step "installing them${size:+ ($size downloaded)}"
  keep_servers_stopped
  apt_get "${packages[@]}" || explain_failure
  remove_temporary
  step 'done'
}

say_commands() {
  say 'setup: this needs root, and sudo does not give it; run as root:'
  if [[ $source_file ]]; then say "  printf '%s\\n' '${source_text//$'\n'/\' \'}' > $source_file"; fi
  requests+=("${unoffered[@]}")
  say "  apt-get update && apt-get install --no-install-recommends ${requests[*]}"
}
