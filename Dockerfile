# The bot, or with another command a renderer: docker run … python -m jobs
FROM python:3.11-slim AS build
WORKDIR /app
COPY requirements.txt .
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --retries 1 -r requirements.txt
COPY . .
# Leaves out what is never run, verifies the weights, imports the bot, paints a small picture.
RUN PATH=/opt/venv/bin:$PATH bin/post_compile

FROM python:3.11-slim
# An init: a process of Python reaps nothing that isn't its own child, and a dead PostgreSQL would stay.
RUN apt-get update && apt-get install -y --no-install-recommends tini && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/bot bot
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HEALTH_PORT=8081 \
    VAR_DIR=/var/lib/bot/var
WORKDIR /app
USER 10001
VOLUME /var/lib/bot
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=6s --start-period=60s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8081/health', timeout=5)"]
ENTRYPOINT ["tini", "--"]
CMD ["python", "app.py"]
