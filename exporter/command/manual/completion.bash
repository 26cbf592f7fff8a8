# Completion of withings-exporter for bash. Once, for all sessions:
#   withings-exporter completion bash > \
#     ~/.local/share/bash-completion/completions/withings-exporter
# or, without the package bash-completion, in ~/.bashrc:
#   source <(withings-exporter completion bash)

_withings_exporter() {
  local paths word
  COMPREPLY=()
  {
    IFS= read -r paths
    while IFS= read -r word; do COMPREPLY+=("$word"); done
  } < <("$1" complete bash "${COMP_LINE:0:COMP_POINT}" "$COMP_WORDBREAKS" 2>/dev/null)

  {
    compopt +o default
    case $paths in
      files) compopt -o default ;;
      folders) compopt -o dirnames ;;
    esac
    [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace
  } 2>/dev/null # where nobody completes, as in a test, there is nothing to set
  return 0
}

complete -F _withings_exporter withings-exporter
