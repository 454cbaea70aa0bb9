/* From here on members are aligned to 1 byte at most; poppack.h ends it. */
#pragma pack(push, 1)
