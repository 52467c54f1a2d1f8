"""Cuts NuanxinHei-Regular.otf: make.py NotoSansCJK-Regular.ttc Unihan_OtherMappings.txt out.otf"""
import sys

from fontTools import subset
from fontTools.ttLib import TTCollection

source, unihan, out = sys.argv[1:]
font = next(f for f in TTCollection(source) if f["name"].getDebugName(1) == "Noto Sans CJK SC")
wanted = set(range(0x20, 0x7F)) | set(range(0xA1, 0x100))
for high in range(0x81, 0xFF):
    for low in range(0x40, 0xFF):
        try:
            text = bytes([high, low]).decode("gb2312")
        except UnicodeDecodeError:
            continue
        wanted |= {ord(text)} if len(text) == 1 else set()
with open(unihan, encoding="utf-8") as lines:
    wanted |= {int(line.split("\t")[0][2:], 16) for line in lines if "\tkTGH\t" in line}
wanted |= {ord(one) for one in "—‘’“”…•‰€·✓□■☐☑￥−㎡㎏㎝㎥–―′″²³←→○●✕"}
wanted |= set(range(0x3000, 0x3020)) | set(range(0xFF00, 0xFF5F)) | set(range(0x2460, 0x2474))

options = subset.Options()
options.layout_features = ["locl"]
options.hinting = False
options.glyph_names = False
options.notdef_outline = True
options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
cutter = subset.Subsetter(options)
cutter.populate(unicodes=wanted)
cutter.subset(font)
for record in font["name"].names:
    record.string = {
        1: "Nuanxin Hei",
        3: "1;NuanxinHei-Regular",
        4: "Nuanxin Hei Regular",
        6: "NuanxinHei-Regular",
    }.get(record.nameID, record.string)
table = font["CFF "].cff
table.fontNames[0] = "NuanxinHei-Regular"
for key in ("FullName", "FamilyName"):
    if hasattr(table.topDictIndex[0], key):
        setattr(table.topDictIndex[0], key, "Nuanxin Hei")
font.recalcTimestamp = False
for name in ("DSIG", "VORG", "vhea", "vmtx", "GPOS", "BASE"):
    if name in font:
        del font[name]
font.save(out)
