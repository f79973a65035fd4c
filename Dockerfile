# newshole with its demo: docker build -t newshole . && docker run --rm -p 8000:8000 newshole
# With the demo's console: docker run --rm -p 127.0.0.1:8000:8000 -p 127.0.0.1:8001:8001 newshole \
#     demo --host 0.0.0.0 --console-host 0.0.0.0
# In front of a site: docker run --rm -p 8000:8000 newshole serve --host 0.0.0.0 --upstream http://site:8080
FROM python:3.13-slim AS wheel
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY middleware middleware
COPY rules rules
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .

FROM python:3.13-slim
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
# Compiled while the image is built, since its file system is read-only later.
RUN --mount=type=bind,from=wheel,source=/wheels,target=/wheels \
    pip install --no-cache-dir --compile /wheels/*.whl
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin newshole
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=4s --start-period=10s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/_newshole/health', timeout=3)"]
# So that `docker stop` ends it as Ctrl-C does.
STOPSIGNAL SIGTERM
ENTRYPOINT ["newshole"]
CMD ["demo", "--host", "0.0.0.0", "--port", "8000"]
