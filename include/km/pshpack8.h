/* From here on members are aligned to 8 bytes at most; poppack.h ends it. */
#pragma pack(push, 8)
