// Reading and replacing a lane: the lane's number follows.

export const i32x4_extract_lane = 0xfd01b;
export const i32x4_replace_lane = 0xfd01c;
export const f32x4_extract_lane = 0xfd01f;
export const f32x4_replace_lane = 0xfd020;
export const f64x2_extract_lane = 0xfd021;
export const f64x2_replace_lane = 0xfd022;
