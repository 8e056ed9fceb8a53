export const isImage = picture => !!picture && !picture.page;

export const isMeasured = picture => isImage(picture) && !!picture.meaning?.instance;

export const isDifference = picture => !!picture?.meaning?.subtraction;

export const stemOf = name => (name ?? "").split("-")[0]; // of a frame, whatever is made of its values: the twin of `stem` in widgets/runtime.py
