#!/bin/sh
# Put cnnviz into your own menu, and let it open .cnnviz files. Nothing else needs this:
# cnnviz runs from its folder as it is. To undo it: add-to-menu.sh --remove
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
share=${XDG_DATA_HOME:-$HOME/.local/share}

cd "$here/share"
find . -type f | while IFS= read -r file; do
    rm -f "$share/$file"
    if [ "${1-}" != --remove ]; then
        mkdir -p "$(dirname "$share/$file")"
        cp "$file" "$share/$file"
    fi
done

entry="$share/applications/cnnviz.desktop"
if [ "${1-}" != --remove ]; then
    # In quotes, as the Desktop Entry Specification asks; its strings double backslashes.
    quoted=$(printf '%s' "$here/cnnviz" | sed 's/[\\"`$]/\\&/g; s/\\/\\\\/g; s/%/%%/g')
    { grep -v '^Exec=' applications/cnnviz.desktop
      printf 'Exec="%s" %%f\n' "$quoted"; } > "$entry"
fi
for tool in "update-desktop-database $share/applications" "update-mime-database $share/mime"; do
    command -v "${tool%% *}" > /dev/null && ${tool%% *} "${tool#* }" || true
done
