# Build: wheels of promessa, with its native modules, and of what it needs, for reports, too.
FROM python:3.11-slim-bookworm AS build
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY requirements.lock pyproject.toml setup.py README.md LICENSE NOTICE ./
COPY ext ext
COPY src src
RUN pip wheel --no-cache-dir --wheel-dir /wheels -c requirements.lock ".[reports]"

# Run: the wheels and nothing else, as a user without rights.
FROM python:3.11-slim-bookworm
RUN useradd --uid 10001 --create-home --shell /usr/sbin/nologin promessa && \
    install -d -o promessa -g promessa /home/promessa/data
RUN --mount=type=bind,from=build,source=/wheels,target=/wheels \
    pip install --no-cache-dir --no-index /wheels/*.whl
USER 10001
# The port is open within the container alone until PROMESSA_HOST names an address and TLS files are given, or
# PROMESSA_INSECURE_LISTEN=1 says that the network around it is trusted.
ENV PROMESSA_DATA_DIR=/home/promessa/data
VOLUME /home/promessa/data
EXPOSE 50051
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s CMD ["promessa", "doctor", "--health"]
ENTRYPOINT ["promessa", "serve"]
