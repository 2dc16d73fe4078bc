"""The tests of check share their layers: the folder is put where they can be imported from."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
