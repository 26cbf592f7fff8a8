// Package chart draws a month of days as a small SVG for a page. The page writes the
// numbers around it and gives it colours, by the classes line, point, lower, bar and day.
package chart
