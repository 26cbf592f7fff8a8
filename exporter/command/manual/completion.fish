# Completion of withings-exporter for fish. Once, for all sessions:
#   withings-exporter completion fish > \
#     ~/.config/fish/completions/withings-exporter.fish

function __withings_exporter
    set -l words (commandline -opc)
    set -l program $words[1]
    set -e words[1]
    set -l typed (commandline -ct)
    set -l lines ($program complete fish $words "$typed" 2>/dev/null)
    set -l first (string split \t -- $lines[1])
    set -e lines[1]

    set -l path (string sub --start (math (string length -- "$first[2]") + 1) -- "$typed")
    switch $first[1]
        case files
            printf '%s\n' "$first[2]"(__fish_complete_path "$path")
        case folders
            printf '%s\n' "$first[2]"(__fish_complete_directories "$path" '')
        case values
            printf '%s\n' $lines
    end
end

complete -c withings-exporter -f -k -a '(__withings_exporter)'
