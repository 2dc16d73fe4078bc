"""Derived equations in, array operations out: what to compute, in which order, and what to save. Target-neutral."""

from symbp.plan.arrays import Array, Assign, Call, Length, Name, Number, Statement, Update
from symbp.plan.model import Argument, Field, Group, ModulePlan
from symbp.plan.module import plan

__all__ = ["Argument", "Array", "Assign", "Call", "Field", "Group", "Length", "ModulePlan", "Name", "Number", "Statement", "Update", "plan"]
