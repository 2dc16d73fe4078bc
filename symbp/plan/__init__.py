"""Derived equations in, array operations out: what to compute, in which order, and what to save. Target-neutral."""

from symbp.plan.arrays import Array, Assign, Call, Length, Loop, Name, Number, Statement, Update, every_line, walk
from symbp.plan.model import Argument, Field, Group, Keyword, ModulePlan
from symbp.plan.module import plan

__all__ = [
    "Argument",
    "Array",
    "Assign",
    "Call",
    "Field",
    "Group",
    "Keyword",
    "Length",
    "Loop",
    "ModulePlan",
    "Name",
    "Number",
    "Statement",
    "Update",
    "every_line",
    "plan",
    "walk",
]
