/* From here on members are aligned to 4 bytes at most; poppack.h ends it. */
#pragma pack(push, 4)
