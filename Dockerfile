FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DATA_DIR=/data
WORKDIR /app

COPY requirements.txt ./
RUN pip install --no-cache-dir --require-hashes -r requirements.txt

COPY . .
RUN useradd --system --uid 10001 nyfp && mkdir /data && chown nyfp /data /app
USER nyfp
VOLUME /data
EXPOSE 8000

CMD ["sh", "-c", "python -m nyfp_site.first_run && python manage.py prepare && exec gunicorn --bind 0.0.0.0:${PORT:-8000} nyfp_site.wsgi"]
