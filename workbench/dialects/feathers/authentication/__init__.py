"""Who is calling: JSON Web Tokens, logins by name and password, and the hook that lets nobody else in.

=====================================  ==========================================================
Feathers                               here
=====================================  ==========================================================
`new AuthenticationService(app)`       `AuthenticationService(app)`; settings by `app.set(...)`
`authentication.register('jwt', ...)`  the same, with `JWTStrategy()` and `LocalStrategy()`
`authenticate('jwt')`                  `authenticate("jwt")`
`passwordHash({ strategy: 'local' })`  `password_hash("local")`; argon2 in place of bcrypt
`hashPassword`, `protect`              `hash_password(field)`, `protect(field, ...)`
`authStrategies`, `usernameField` ...  the same, or `auth_strategies`, `username_field` ...
=====================================  ==========================================================
"""

from __future__ import annotations

__all__ = [
    "AuthenticationService",
    "JWTStrategy",
    "LocalStrategy",
    "Strategy",
    "authenticate",
    "authenticate_connection",
    "hash_password",
    "parse_authentication",
    "password_hash",
    "protect",
]

from workbench.dialects.feathers.authentication.hooks import authenticate
from workbench.dialects.feathers.authentication.local import (
    LocalStrategy,
    hash_password,
    password_hash,
    protect,
)
from workbench.dialects.feathers.authentication.service import AuthenticationService
from workbench.dialects.feathers.authentication.strategies import JWTStrategy, Strategy
from workbench.dialects.feathers.authentication.transports import (
    authenticate_connection,
    parse_authentication,
)
