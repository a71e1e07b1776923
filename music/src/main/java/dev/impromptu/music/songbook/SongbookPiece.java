package dev.impromptu.music.songbook;

import dev.impromptu.music.score.Score;

/**
 * One piece of the songbook.
 *
 * @param id short name, the file name without {@code .song}
 * @param composer who wrote it
 * @param work title and catalogue number
 * @param bars the printed bars it covers, such as {@code 1-18}; bar 0 is a pickup
 * @param score right hand first, then left, 480 ticks a quarter note; note lengths are the written
 *     ones
 */
public record SongbookPiece(String id, String composer, String work, String bars, Score score) {}
