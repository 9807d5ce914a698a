#!/bin/sh
# Builds a page on which a person draws digits: sh examples/web/build.sh [MODEL [OUT_FOLDER]]
# MODEL is a file that `mnist train --save` wrote; without one, a network is trained first. The page is
# OUT_FOLDER/index.html, or build/web/index.html. File names are relative to the current folder.
set -eu
here=$(pwd)
cd "$(dirname "$0")/../.."
root=$(pwd)
. .cmake/requirements.sh

# shellcheck disable=SC2086  # one word a package
require $web_packages
build_mnist
cd "$here"
mnist=$root/build/release/bin/mnist
model=${1:-}
out=${2:-$root/build/web}
if [ -z "$model" ]; then
    model=$root/build/digits.safetensors
    echo "No model is named, so one is trained, which takes a minute or two."
    "$mnist" train --recipe best --save "$model"
fi
"$mnist" export --model "$model" --web "$out"
echo "The page is $out/index.html; a browser opens it as a file, or: sh $root/examples/web/serve.sh $out"
