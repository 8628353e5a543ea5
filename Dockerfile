# docker build -t pagelight . && docker run -p 127.0.0.1:7860:7860 -v pagelight:/data pagelight
FROM python:3.12-slim

# Office and web files (DOCX, PPTX, XLSX, HTML …) want LibreOffice (280 MB and what it depends on): docker build --build-arg OFFICE=1 -t pagelight .
ARG OFFICE=
RUN apt-get update \
    && apt-get install -y --no-install-recommends poppler-utils \
        ${OFFICE:+libreoffice-writer libreoffice-calc libreoffice-impress} \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /pagelight
# The dependencies first, so that a change of the code does not install them again. A build has no GPU to find: give
# --build-arg TORCH=default for an image that uses one.
ARG TORCH=cpu
COPY pyproject.toml constraints.txt ./
COPY scripts/install.sh scripts/
RUN python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['dependencies'], sep='\n')" \
        > requirements.txt \
    && TORCH=$TORCH scripts/install.sh python --no-cache-dir -c constraints.txt -r requirements.txt

COPY README.md LICENSE ./
COPY assets assets
COPY retrieval retrieval
COPY ingest ingest
COPY app app
COPY pagelight pagelight
RUN pip install --no-cache-dir --no-deps . \
    && useradd --create-home pagelight && mkdir /data && chown pagelight /data

USER pagelight
ENV PAGELIGHT_DATA=/data PAGELIGHT_HOST=0.0.0.0 PYTHONUNBUFFERED=1
VOLUME /data
EXPOSE 7860
HEALTHCHECK --start-period=60s CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:7860/healthz')"]
CMD ["pagelight", "serve"]
