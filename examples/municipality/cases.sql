-- A case system in the small; town_cases.py makes cases.db of it when there is none.
CREATE TABLE cases (
  year INTEGER NOT NULL,
  number INTEGER NOT NULL,
  subject TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('received', 'processing', 'hearing', 'decided')),
  expected TEXT NOT NULL, -- when an answer is to be there, or was
  PRIMARY KEY (year, number)
);
INSERT INTO cases VALUES
  (2023, 114, 'byggetilladelse', 'processing', '2026-04-15'),
  (2026, 7, 'boligstøtte', 'received', '2026-03-20'),
  (2026, 31, 'en ny carport', 'hearing', '2026-05-01'),
  (2025, 980, 'parkeringslicens', 'decided', '2026-02-27');
