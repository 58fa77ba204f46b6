# One process, no root, no shell needed at run time. Build: docker build -t ml-spend . ; start: docker compose up
FROM python:3.13-slim AS build
WORKDIR /src
COPY requirements.txt pyproject.toml README.md CHANGELOG.md streamlit_app.py ./
COPY .streamlit .streamlit
COPY pricing_data pricing_data
COPY simulator simulator
RUN python -m venv /app && /app/bin/pip install --no-cache-dir -r requirements.txt && /app/bin/pip install --no-cache-dir --no-deps .

FROM python:3.13-slim
RUN useradd --create-home --uid 10001 planner
COPY --from=build /app /app
USER planner
WORKDIR /home/planner
ENV PATH=/app/bin:$PATH PYTHONUNBUFFERED=1
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"]
CMD ["ml-spend", "app", "--address", "0.0.0.0", "--headless"]
