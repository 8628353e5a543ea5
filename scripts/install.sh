#!/bin/sh
# Install Pagelight's dependencies, and Pagelight, with the PyTorch that suits this machine.
#
#   scripts/install.sh PYTHON [PIP ARGUMENTS]
#
# On Linux, PyPI's torch brings the libraries of NVIDIA GPUs, several GB. Where there is no such GPU, PyTorch's own index
# has a build for the processor alone. An index that does not answer within a few seconds is left out.
# TORCH=cpu or TORCH=default decides by hand.
set -eu

python=$1
shift
cpu_index=https://download.pytorch.org/whl/cpu
seconds=5

say() { echo "set-up: $*" >&2; }

has_nvidia() { [ -e /proc/driver/nvidia/version ] || { command -v nvidia-smi >/dev/null 2>&1 && nvidia-smi -L >/dev/null 2>&1; }; }

answers() {
    "$python" - "$1" "$seconds" <<'PY'
import socket, sys, threading, urllib.request

address, seconds = sys.argv[1], float(sys.argv[2])
socket.setdefaulttimeout(seconds)

def ask():
    global answered
    try:
        urllib.request.urlopen(address + "/torch/", timeout=seconds).close()
        answered = True
    except OSError:
        pass

answered = False
asking = threading.Thread(target=ask, daemon=True)
asking.start()
asking.join(seconds + 1)  # a name server that does not answer knows no time limit
sys.exit(0 if answered else 1)
PY
}

torch=${TORCH:-auto}
if [ "$torch" = auto ]; then
    if [ "$(uname -s)" != Linux ]; then
        torch=default
    elif has_nvidia; then
        say "an NVIDIA GPU is here: PyTorch with CUDA, several GB (TORCH=cpu takes the small build)"
        torch=default
    else
        torch=cpu
    fi
fi
if [ "$torch" = cpu ]; then
    if answers "$cpu_index"; then
        say "no NVIDIA GPU: PyTorch for the processor alone, from $cpu_index"
        set -- --extra-index-url "$cpu_index" "$@"
    else
        say "no NVIDIA GPU, and $cpu_index does not answer: PyTorch from the usual index, which may bring several GB for GPUs"
    fi
fi
say "downloading and installing: some minutes, 2 GB on disk"
exec "$python" -m pip install --quiet --disable-pip-version-check "$@"
