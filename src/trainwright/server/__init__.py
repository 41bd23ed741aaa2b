"""The API: FastAPI application, authentication, routers, WebSocket."""
