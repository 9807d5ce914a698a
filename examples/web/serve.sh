#!/bin/sh
# Serves the page to browsers on this machine alone: sh examples/web/serve.sh [FOLDER [PORT]]
# FOLDER is build/web and PORT is 8000, where none is named.
set -eu
folder=${1:-$(dirname "$0")/../../build/web}
port=${2:-8000}
if [ ! -f "$folder/index.html" ]; then
    echo "There is no index.html in $folder: examples/web/build.sh makes one." >&2
    exit 1
fi
if ! command -v python3 >/dev/null 2>&1; then
    echo "The page cannot be served without python3; a browser opens $folder/index.html as a file too." >&2
    exit 1
fi
echo "http://127.0.0.1:$port"
exec python3 -m http.server --bind 127.0.0.1 --directory "$folder" "$port"
