# The server in a container: docs/serving.md says how to run it. The root file system may be read-only.
FROM python:3.11.14-slim-bookworm AS build
WORKDIR /src
COPY pyproject.toml constraints.txt README.md CHANGELOG.md LICENSE ./
COPY src src
RUN python -m venv /opt/tinydigits \
    && /opt/tinydigits/bin/pip install --no-cache-dir --constraint constraints.txt '.[serve]'

FROM python:3.11.14-slim-bookworm
COPY --from=build /opt/tinydigits /opt/tinydigits
ENV PATH=/opt/tinydigits/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER 10001:10001
WORKDIR /
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz', timeout=2)"]
# Others reach this address: give TINYDIGITS_TOKEN, or --no-auth after the name of the image.
ENTRYPOINT ["tinydigits", "serve", "--host", "0.0.0.0", "--port", "8000"]
