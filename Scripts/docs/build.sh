#!/usr/bin/env bash
# Builds the documentation site, and fails where something public is undocumented or a link leads nowhere.
#
#     Scripts/docs/build.sh BIN [SITE]
#
# BIN is the folder of a finished build (`swift build --show-bin-path`), SITE the folder to write, by
# default .build/docs. The modules are those that Sources/QAPKit/QAPKit.swift gathers.
set -euo pipefail
cd "$(dirname "$0")/../.."
bin=${1:?usage: build.sh BIN [SITE]}
site=${2:-.build/docs}
swift=${SWIFT:-swift}
toolchain=$(dirname "$(readlink -f "$(command -v "$swift")")")
docc=$(command -v "$toolchain/docc" || command -v docc) || {
  echo "docc: not found beside $toolchain/swift, so the documentation is not built" >&2
  exit 0
}
triple=$("$swift" -print-target-info | sed -n 's/.*"triple": "\(.*\)".*/\1/p' | head -1)
modules=$(sed -n 's/^@_exported import //p' Sources/QAPKit/QAPKit.swift | paste -sd, -)

extract() {
  "$swift" symbolgraph-extract -module-name "$1" -I "$bin/Modules" \
    -I Sources/CGLPK -I Sources/CLanes -I Sources/COpenBLAS -I Sources/CZlib -I Sources/QAPKitC/include -target "$triple" \
    -minimum-access-level public -output-dir "$2" "${@:3}"
}

rm -rf .build/graphs .build/graphs-internal
mkdir -p .build/graphs .build/graphs-internal
extract QAPKit .build/graphs -experimental-allowed-reexported-modules="$modules"
# Modules that are not for clients, but for whoever works on the solvers or the commands. (Executables have
# lower-case names.) Help texts document the options of QAPFrontend, qapkit.h the functions of QAPKitC.
for folder in Sources/[[:upper:]]* Solvers/[[:upper:]]*; do
  module=QAP$(basename "$folder")
  [[ $folder == Sources/QAP* ]] && module=$(basename "$folder")
  [[ ",QAPKit,QAPKitC,QAPFrontend,$modules," != *",$module,"* && -e $bin/Modules/$module.swiftmodule ]] || continue
  extract "$module" .build/graphs-internal
done
for graphs in .build/graphs .build/graphs-internal; do
  "$swift" Scripts/docs/undocumented.swift "$graphs" Sources Solvers
done

"$docc" convert Sources/QAPKit/QAPKit.docc --additional-symbol-graph-dir .build/graphs \
  --fallback-display-name QAPKit --fallback-bundle-identifier qapkit \
  --fallback-default-module-kind Package \
  --warnings-as-errors --output-path "$site"
echo "$site/index.html: start a server there, such as 'python3 -m http.server -d $site'," \
  "and open /documentation/qapkit"
