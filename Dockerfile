# Build: a wheel with the native modules.
FROM python:3.11-slim-bookworm AS build
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY requirements.lock pyproject.toml setup.py README.md LICENSE NOTICE ./
COPY ext ext
COPY src src
RUN pip wheel --no-cache-dir --wheel-dir /wheels -c requirements.lock .

# Run: the wheels and nothing else, as a user without rights.
FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --create-home promessa
COPY --from=build /wheels /wheels
RUN pip install --no-cache-dir --no-index /wheels/*.whl && rm -rf /wheels
USER 10001
ENV PROMESSA_DATA_DIR=/home/promessa/data
VOLUME /home/promessa/data
EXPOSE 50051
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s CMD ["promessa", "doctor", "--health"]
ENTRYPOINT ["promessa", "serve"]
