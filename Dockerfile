# docker build -t pagelight . && docker run -p 127.0.0.1:7860:7860 -v pagelight:/data pagelight
FROM python:3.12-slim

RUN apt-get update \
    && apt-get install -y --no-install-recommends poppler-utils \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /pagelight
# The dependencies first, so that a change of the code does not install them again.
# PIP_ARGS="--extra-index-url <PyTorch's CPU wheels>" makes the image several GB smaller, see the README.
ARG PIP_ARGS=""
COPY pyproject.toml constraints.txt ./
RUN python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['dependencies'], sep='\n')" \
        > requirements.txt \
    && pip install --no-cache-dir $PIP_ARGS -c constraints.txt -r requirements.txt

COPY README.md ./
COPY assets assets
COPY retrieval retrieval
COPY ingest ingest
COPY app app
RUN pip install --no-cache-dir --no-deps -e . \
    && useradd --create-home pagelight && mkdir /data && chown pagelight /data

USER pagelight
ENV PAGELIGHT_DATA=/data PAGELIGHT_HOST=0.0.0.0 PYTHONUNBUFFERED=1
VOLUME /data
EXPOSE 7860
HEALTHCHECK --start-period=60s CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:7860/healthz')"]
CMD ["pagelight", "serve"]
