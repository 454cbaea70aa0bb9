/* From here on members are aligned to 2 bytes at most; poppack.h ends it. */
#pragma pack(push, 2)
