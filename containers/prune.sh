#!/usr/bin/env bash
# Remove from a virtual environment what no program needs at run time, and compile what is left.
# Usage: prune.sh ENVIRONMENT
set -euo pipefail
environment=$1
packages=$(echo "$environment"/lib/python3.*/site-packages)

# torch/bin stays: its torch_shm_manager is started at run time. So does torch/testing, which torch imports.
rm -rf "$packages"/torch/{include,share,test,utils/benchmark}
rm -f "$packages"/torch/bin/{protoc,*Test}*
find "$packages" -type d -name tests -prune -exec rm -rf {} +
find "$packages" -type f \( -name '*.a' -o -name '*.pyi' -o -name '*.pxd' -o -name '*.h' \) -delete
rm -rf "$packages"/{pip,pip-*.dist-info} "$environment"/bin/{pip,activate,Activate}* "$environment"/include

# Nobody can write beside the modules later. By content, not by time: builders change the times of files.
# Some packages bring templates that are no Python; the rest is compiled all the same.
"$environment"/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash "$packages" >/dev/null || true
