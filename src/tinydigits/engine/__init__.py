"""The engine: a small compiler that turns a Keras model into C, and trains it at the speed of the machine.

    Keras model → Network → plan (`plan.py`) → C (`emit.py`, `kernels/`) → shared library (`build.py`) → `program.py`

`fit.py` is its front: it trains a compiled model in place, or says in one line why it cannot.
"""
