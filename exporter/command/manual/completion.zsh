#compdef withings-exporter
# Completion of withings-exporter for zsh. Once, for all sessions, into a folder
# of $fpath:
#   withings-exporter completion zsh > "${fpath[1]}/_withings-exporter"
# or, after compinit, in ~/.zshrc:
#   source <(withings-exporter completion zsh)

_withings_exporter() {
  local -a lines values
  local line paths before
  lines=("${(@f)$("${(Q)words[1]}" complete zsh "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}")
  paths=${lines[1]%%$'\t'*}
  before=${lines[1]#*$'\t'}
  for line in "${(@)lines[2,-1]}"; do
    values+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
  done

  # What stands before a value ends in = or in a comma.
  [[ -n $before ]] && compset -P "*${before[-1]}"
  case $paths in
    files) _files ;;
    folders) _files -/ ;;
    values)
      if [[ ${#values} -gt 0 ]]; then
        local -a open=(${(M)values:#*=:*}) closed=(${values:#*=:*})
        _describe -t values value open -S '' -- closed
      fi ;;
  esac
}

if [[ $funcstack[1] == _withings-exporter ]]; then
  _withings_exporter "$@"
else
  compdef _withings_exporter withings-exporter
fi
